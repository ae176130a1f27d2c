"""Compose projects as docker compose itself resolves them, beside what bindlint reads of them."""
