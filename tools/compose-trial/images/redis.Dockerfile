# Stands in for redis:8.0.2-alpine: redis-server of Debian 12, which is 7.0.15.
FROM skynet-trial/debian
WORKDIR /data
CMD ["redis-server"]
