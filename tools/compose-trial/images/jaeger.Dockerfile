# Stands in for jaegertracing/jaeger: takes OTLP over HTTP and tells on port 16686 how many spans came.
FROM skynet-trial/node
COPY tools/compose-trial/count-spans.mjs /
ENTRYPOINT ["node", "/count-spans.mjs"]
