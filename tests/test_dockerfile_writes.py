"""Configuration that a Dockerfile writes into its image: here-documents, lines of echo, what sed puts in."""

from __future__ import annotations

import pytest
from projects import findings, told

COMPOSE = "services:\n  cache:\n    build: .\n    ports: ['6379:6379']\n"
OPENED = [("compose.yaml", "exposed-datastore", "'6379:6379'")]
CONF = "/etc/redis/redis.conf"


def made(text: str) -> dict[str, str]:
    return {"Dockerfile": f"FROM debian\n{text}\n", "compose.yaml": COMPOSE}


@pytest.mark.parametrize(
    "text",
    [
        f"COPY <<EOF {CONF}\nbind 0.0.0.0\nEOF",
        f"COPY --chown=1 <<-'EOF' {CONF}\n\tbind 0.0.0.0\n\tEOF",
        "COPY <<redis.conf /etc/redis/\nbind 0.0.0.0\nredis.conf",
        "WORKDIR /etc/redis\nADD <<EOF redis.conf\nbind 0.0.0.0\nEOF",
        f"RUN cat <<EOF > {CONF}\nbind 0.0.0.0\nEOF",
        f"RUN <<EOF\necho bind 0.0.0.0 >> {CONF}\nEOF",
        f'RUN apt-get update && echo "bind 0.0.0.0" >> {CONF}',
        f"RUN echo 'bind 0.0.0.0' | tee -a {CONF}",
        f"RUN printf 'timeout 0\\nbind 0.0.0.0\\n' > {CONF}",
        f"RUN sed -i 's/bind 127.0.0.1/bind 0.0.0.0/' {CONF}",
        f"RUN sed -ri -e 's/^port .*/port 6379/' -e 's|^bind .*|bind 0.0.0.0|g' {CONF} && \\\n    true",
        "FROM debian AS base\nRUN echo bind 0.0.0.0 >> /etc/redis/redis.conf\nFROM base\nUSER redis",
    ],
)
def test_what_is_written_into_the_image_is_what_the_port_leads_to(text: str) -> None:
    assert told(made(text)) == OPENED
    assert "Dockerfile" in {step.site.path for found in findings(made(text)) for step in found.story}


@pytest.mark.parametrize(
    "text",
    [
        f"COPY <<EOF {CONF}\nbind 127.0.0.1\nEOF",
        f"RUN sed -i 's/bind 0.0.0.0/bind 127.0.0.1/' {CONF}",
        f"RUN sed 's/bind 127.0.0.1/bind 0.0.0.0/' {CONF}",
        f"RUN sed -i 's/127.0.0.1/0.0.0.0/' {CONF}",
        f"RUN sed -i 's/\\(bind\\).*/\\1 0.0.0.0/' {CONF}",
        "RUN echo 'bind 0.0.0.0' >> /etc/motd",
        'RUN echo "bind 0.0.0.0" >> $CONF',
        f"RUN cat {CONF} # echo",
        f"COPY <<EOF {CONF}\nbind 0.0.0.0",
        "RUN echo 'bind 0.0.0.0'",
    ],
)
def test_what_says_no_address_of_a_server_says_nothing(text: str) -> None:
    assert "exposed-datastore" not in {rule for _, rule, _ in told(made(text))}


def test_the_place_is_that_of_the_address_in_the_dockerfile() -> None:
    text = made(f"COPY <<-EOF {CONF}\n\tbind 0.0.0.0\n\tEOF")
    (found,) = findings(text)
    sites = [step.site for step in found.story if step.site.path == "Dockerfile"]
    places = [text["Dockerfile"][site.span.start : site.span.end] for site in sites]
    assert "0.0.0.0" in places
