# Stands in for nats:2.12.15-alpine: nats-server of Debian 12, which is 2.9.10.
FROM skynet-trial/debian
ENTRYPOINT ["nats-server"]
