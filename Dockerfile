# One image for the four services, the host of tool servers and the command line; docker-compose.yml says which of them a container runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY libs/kernel/package.json libs/kernel/
COPY libs/contracts/package.json libs/contracts/
COPY libs/domain/access/package.json libs/domain/access/
COPY libs/domain/agents/package.json libs/domain/agents/
COPY libs/domain/scheduling/package.json libs/domain/scheduling/
COPY libs/client/package.json libs/client/
COPY libs/platform/package.json libs/platform/
COPY libs/testing/package.json libs/testing/
COPY libs/tool-host/package.json libs/tool-host/
COPY services/agent-runtime/package.json services/agent-runtime/
COPY services/auth/package.json services/auth/
COPY services/mcp-edge/package.json services/mcp-edge/
COPY services/scheduler/package.json services/scheduler/
COPY apps/cli/package.json apps/cli/
COPY apps/chaos/package.json apps/chaos/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json ./
COPY libs libs
COPY services services
COPY apps apps
RUN npx tsc -b services/agent-runtime services/auth services/mcp-edge services/scheduler apps/cli
# What is left is what runs: no sources, no tests, no dev dependencies, no second Node.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && npm pkg delete devDependencies optionalDependencies \
 && rm -rf node_modules/node-* \
 && find libs services apps \( -name src -o -name '*.tsbuildinfo' -o -name 'tsconfig.json' \) -prune -exec rm -rf {} + \
 && find . \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -type f -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app ./
COPY examples examples
COPY templates templates
# Volumes take their owner from here when they are first used.
RUN for part in nats nats-data redis redis-data jaeger jaeger-data auth scheduler agent-runtime mcp-edge operator; do mkdir -p /setup/$part; done \
 && mkdir -p /var/lib/skynet && chown -R node:node /setup /var/lib/skynet
USER node
ENTRYPOINT ["node"]
CMD ["apps/cli/dist/main.js", "--help"]
