# The inference node: docker build -f deploy/node.Dockerfile -t modelyard-node .
FROM node:24-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY tsconfig.json env.ts ./
COPY scripts scripts
COPY db db
COPY server server
RUN node --import tsx scripts/bundle-node.ts /image

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 NODE_PORT=8080 MODELYARD_HOME=/tmp/modelyard
COPY --from=build /image /app
WORKDIR /app
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["node", "node.mjs"]
