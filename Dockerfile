# The exporter in a container. What it is made of and why is told in docs/design.md, how to check a published one in
# docs/releasing.md. It needs of its base python3 (3.11 or newer) with pip; releases name the base by digest:
#   --build-arg BASE=registry.access.redhat.com/ubi9/python-312-minimal@sha256:...
ARG BASE=registry.access.redhat.com/ubi9/python-312-minimal:latest

FROM ${BASE} AS build
# This stage writes below /opt, and nothing of it runs later: the stage that does is not root.
# hadolint ignore=DL3002
USER 0
WORKDIR /src

# The locks are complete and every file is compared with its hash, also what the wheel is built with. --no-deps: older
# versions of pip would look for newer extras than the pinned ones, and refuse them for having no hash.
COPY requirements/build.txt requirements/run.txt requirements/
RUN python3 -m venv --without-pip /opt/bootsource-exporter \
 && python3 -m venv --without-pip /opt/builder \
 && python3 -m pip --python /opt/bootsource-exporter/bin/python install \
      --no-cache-dir --no-compile --no-deps --require-hashes --requirement requirements/run.txt \
 && python3 -m pip --python /opt/builder/bin/python install \
      --no-cache-dir --no-compile --no-deps --require-hashes --requirement requirements/build.txt

COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
RUN python3 -m pip --python /opt/builder/bin/python wheel \
      --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
 && python3 -m pip --python /opt/bootsource-exporter/bin/python install \
      --no-cache-dir --no-compile --no-deps --no-index dist/*.whl
# The file system is read-only later on. By hash and unchecked, so that no file's time makes the bytecode stale. Of the
# official client the asynchronous half, which is never loaded, would be as big as all the rest.
RUN /opt/bootsource-exporter/bin/python -m compileall -q --invalidation-mode unchecked-hash -x /kubernetes/aio/ \
      /opt/bootsource-exporter/lib

FROM ${BASE}
ARG VERSION=0+unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG BASE
# The base's own labels are inherited: what it says of itself is said anew.
LABEL org.opencontainers.image.title="bootsource-exporter" \
      org.opencontainers.image.description="Tells whether the next virtual machine on OpenShift Virtualization / KubeVirt boots the right image, and what to fix." \
      org.opencontainers.image.url="https://github.com/bootsource-exporter/bootsource-exporter" \
      org.opencontainers.image.source="https://github.com/bootsource-exporter/bootsource-exporter" \
      org.opencontainers.image.documentation="https://github.com/bootsource-exporter/bootsource-exporter/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE}" \
      name="bootsource-exporter" \
      version="${VERSION}" \
      summary="Watches the boot sources of virtual machines" \
      description="Tells whether the next virtual machine on OpenShift Virtualization / KubeVirt boots the right image, and what to fix." \
      maintainer="https://github.com/bootsource-exporter/bootsource-exporter" \
      usage="https://github.com/bootsource-exporter/bootsource-exporter/blob/main/README.md" \
      com.redhat.component="bootsource-exporter" \
      io.k8s.display-name="bootsource-exporter" \
      io.k8s.description="Tells whether the next virtual machine on OpenShift Virtualization / KubeVirt boots the right image, and what to fix." \
      io.openshift.tags="monitoring,prometheus,virtualization" \
      io.openshift.expose-services="8080:http"

COPY --from=build /opt/bootsource-exporter /opt/bootsource-exporter
ENV PATH="/opt/bootsource-exporter/bin:${PATH}" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# Any other user does as well: OpenShift gives each namespace numbers of its own, in group 0. Nothing is ever written.
USER 1001
WORKDIR /
EXPOSE 8080
# No HEALTHCHECK: Kubernetes does not look at it, and asks /healthz and /readyz itself.
ENTRYPOINT ["bootsource-exporter"]
CMD ["serve"]
