"""A VirtualMachineTemplate whose machines would be cloned from a DataSource that does not exist."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Verdict, check
from exporter.checks.references._missing_targets import DRIFT, OPTIONAL, READS, missing_in_template
from exporter.cluster.resources import VIRTUAL_MACHINE_TEMPLATES
from exporter.model.machine_templates import VirtualMachineTemplate
from exporter.report import Severity


@check(
    id="machine-template-source-missing",
    severity=Severity.WARNING,
    over=VIRTUAL_MACHINE_TEMPLATES,
    reads=READS,
    optional=OPTIONAL,
    summary="A VirtualMachineTemplate refers to a DataSource that does not exist",
    meaning=(
        "With its parameters at their defaults the template names a DataSource that is not there, or a kind that KubeVirt "
        "refuses. Or it clones one image of a DataSource by its name, as templates do that were made from a VirtualMachine, "
        "and CDI has deleted that image since."
    ),
    impact="A virtual machine made from the template gets no disk and never starts.",
    diagnosis="`oc get virtualmachinetemplate NAME -n NAMESPACE -o yaml`: spec.parameters and sourceRef; then `oc get datasource -A`.",
    mitigation=(
        "Correct the name or namespace in the template, or make a boot source of that name. Name the DataSource in a "
        "sourceRef rather than one of its images."
    ),
    thresholds=(DRIFT,),
    undated="a DataSource that is deleted leaves no trace",
    alert_for=timedelta(minutes=30),
    scenarios=("F55",),
)
def machine_template_source_missing(template: VirtualMachineTemplate, ctx: Context) -> Verdict:
    """Judge what the template names for sure."""
    return missing_in_template(template.references, "spec.virtualMachine", ctx)
