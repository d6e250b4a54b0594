# athenz-gitops with git and ssh. Where it is built for good, pin it to a digest: --build-arg NODE_IMAGE=node@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY CHANGELOG.md LICENSE README.md tsconfig.json ./
COPY bin bin
COPY packaging packaging
COPY schemas schemas
COPY src src
COPY templates templates
# What is published: it needs no other package.
RUN npm run build && node packaging/stage.ts build && mv build/athenz-gitops /app

FROM ${NODE_IMAGE}
# Of a release: docker build --build-arg VERSION=1.2.3 --build-arg REVISION=<commit> --build-arg SOURCE=https://…
ARG VERSION=0.0.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="athenz-gitops" \
  org.opencontainers.image.description="Athenz role memberships become Kubernetes RBAC manifests in git, proposed as reviewable changes." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
# tini ends what git leaves to run by itself.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /app/bin/athenz-gitops.js /usr/local/bin/athenz-gitops
COPY --from=build /app /app
USER 1000:1000
ENTRYPOINT ["tini", "--", "athenz-gitops"]
