# athenz-gitops with git and ssh. Where it is built for good, pin it to a digest: --build-arg NODE_IMAGE=node@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY CHANGELOG.md LICENSE README.md tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY schemas schemas
COPY src src
COPY templates templates
# What is published, with the dependencies of the lock file.
RUN npm pack --pack-destination /tmp \
  && mkdir /app \
  && tar -xzf /tmp/athenz-gitops-*.tgz -C /app --strip-components=1 \
  && cp package-lock.json /app/ \
  && cd /app \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
# tini ends what git leaves to run by itself.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /app/bin/athenz-gitops.js /usr/local/bin/athenz-gitops
COPY --from=build /app /app
USER 1000:1000
ENTRYPOINT ["tini", "--", "athenz-gitops"]
