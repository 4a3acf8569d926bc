# Stands in for kurrentplatform/kurrentdb: the wire double of the tests, which keeps its log in a file.
FROM skynet-mcp:0.1.0
USER root
COPY libs/testing/dist libs/testing/dist
# The double speaks gRPC only, so the health check of the compose file gets a TCP connect for its answer.
RUN printf '#!/bin/sh\nexec node -e "require(\x27net\x27).connect(2113,\x27127.0.0.1\x27).on(\x27connect\x27,()=>process.exit(0)).on(\x27error\x27,()=>process.exit(1))"\n' > /usr/local/bin/curl \
 && chmod +x /usr/local/bin/curl && mkdir -p /var/lib/kurrentdb
CMD ["libs/testing/dist/eventstoredb/main.js", "--host", "0.0.0.0", "--port", "2113", "--data", "/var/lib/kurrentdb/log.ndjson"]
