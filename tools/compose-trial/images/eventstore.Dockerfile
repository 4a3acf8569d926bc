# Stands in for kurrentplatform/kurrentdb: the wire double of the tests, which keeps its log in a file.
FROM skynet-mcp:0.1.0
USER root
COPY libs/testing/dist libs/testing/dist
# The double speaks gRPC only, so the health check of the compose file gets a TCP connect for its answer.
COPY tools/compose-trial/curl.mjs /usr/local/bin/curl
RUN mkdir -p /var/lib/kurrentdb && chown node:node /var/lib/kurrentdb
CMD ["libs/testing/dist/eventstoredb/main.js", "--host", "0.0.0.0", "--port", "2113", "--data", "/var/lib/kurrentdb/log.ndjson"]
