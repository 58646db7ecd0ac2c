# One image for manager, API and the command line; compose.yaml says which is which.
#
#   docker build -t muster .        docker run --env-file .env muster node dist/cli/main.js doctor

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /muster
COPY package.json package-lock.json .npmrc ./
# Scripts of packages are not run here: nothing that Muster needs is made by one, but for its own database client below.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run prisma:generate && npm run build

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /muster
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /muster/dist ./dist
USER node
# Ends on SIGTERM, drained; give it 35 s (compose: stop_grace_period).
CMD ["node", "dist/cluster/main.js"]
