# syntax=docker/dockerfile:1

# Debian 12, as the image below: native modules fit both. Compilers are here in case a prebuilt module is not to be had.
FROM node:22-bookworm AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts/setup.mjs scripts/setup.mjs
COPY scripts/parts scripts/parts
# Without the parts of the tests; DuckDB's extensions must be there.
RUN TABLECAST_REQUIRE_ALL=1 node scripts/setup.mjs
# Only what .dockerignore lets in.
COPY . .
RUN npx tsc --project tsconfig.json && node scripts/package.mjs

FROM mcr.microsoft.com/azure-functions/node:4-node22
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true
COPY --from=build /build/dist/package /home/site/wwwroot
# A native module that does not load here fails the build, not the first run.
RUN node -e "for (const name of ['@confluentinc/kafka-javascript', '@duckdb/node-api', 'oracledb']) require('/home/site/wwwroot/node_modules/' + name)"
EXPOSE 80
