# The server alone, for a user without rights. The journal is in /var/lib/parlor.
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && cargo build --release --locked --bin parlor

FROM debian:bookworm-slim
RUN groupadd --gid 10001 parlor \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/parlor --no-create-home --shell /usr/sbin/nologin parlor \
    && install --directory --owner=parlor --group=parlor --mode=0700 /var/lib/parlor
COPY --from=build /src/target/release/parlor /usr/local/bin/parlor
USER 10001
WORKDIR /var/lib/parlor
VOLUME /var/lib/parlor
ENV PARLOR_HOST=0.0.0.0 PARLOR_JOURNAL=/var/lib/parlor/parlor.db PARLOR_SHUTDOWN_TIMEOUT=8s
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.[01] 200' <&3"]
ENTRYPOINT ["/usr/local/bin/parlor"]
