"""A Template whose virtual machines would be cloned from a DataSource that does not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exporter.checks.check import PASSED, Context, Verdict, check
from exporter.checks.references._missing_targets import DRIFT, OPTIONAL, READS, missing_in_template
from exporter.cluster.resources import TEMPLATES
from exporter.model.openshift import Template
from exporter.report import Severity


@check(
    id="template-source-missing",
    severity=Severity.WARNING,
    over=TEMPLATES,
    reads=READS,
    optional=OPTIONAL,
    summary="A template refers to a DataSource that does not exist",
    meaning=(
        "With its parameters at their defaults the template names a DataSource that is not there: its boot source was removed or "
        "renamed, or the DataSource is in another namespace. Or it clones one image of a DataSource by its name, which CDI "
        "has deleted since."
    ),
    impact="A virtual machine made from the template gets no disk and never starts.",
    diagnosis=(
        "`oc get template NAME -n NAMESPACE -o yaml`: DATA_SOURCE_NAME and DATA_SOURCE_NAMESPACE among the parameters, or "
        "sourceRef itself; then `oc get datasource -A`."
    ),
    mitigation=(
        "Correct the name or namespace in the template, or make a boot source of that name; name the DataSource in a "
        "sourceRef rather than one of its images. SSP reverts edits of common "
        "templates: copy one instead."
    ),
    thresholds=(DRIFT,),
    undated="a DataSource that is deleted leaves no trace",
    alert_for=timedelta(minutes=30),
    scenarios=("F55",),
)
def template_source_missing(template: Template, ctx: Context) -> Verdict:
    """Judge what the template names for sure. A deprecated one is a matter of tidying up, and reported as such."""
    if template.deprecated:
        return PASSED
    failed = missing_in_template(template.references, "objects[kind=VirtualMachine]", ctx)
    return [replace(f, fix=None) for f in failed] if template.common else failed
