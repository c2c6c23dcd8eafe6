"""Secrets in cell source."""

from __future__ import annotations

import ast

import pytest

from jupyter_mlops.capture.secrets import mask_secrets


@pytest.mark.parametrize(
    "source",
    [
        "password = 'hunter2'",
        'API_KEY: str = "hunter2"',
        "db_password='hunter2'",
        "connect(user='me', passwd='hunter2')",
        "config = {'client_secret': 'hunter2', 'name': 'x'}",
        "os.environ['GITHUB_TOKEN'] = 'hunter2'",
        "os.environ.setdefault('SECRET', 'hunter2')",
        "%env AWS_SECRET_ACCESS_KEY=hunter2",
        "!export TOKEN=hunter2",
        "!tool --token hunter2",
        "engine = create('postgresql://me:hunter2@host/db')",
        "secret = '''hunter2\nsecond line'''",
        "headers = {'Authorization': 'Bearer hunter2hunter2hunter2'}",
        "s3 = client('AKIAHUNTER2HUNTER2XX')".replace("HUNTER2HUNTER2XX", "ABCDEFGHIJKLMNOP"),
        "login('hf_hunter2hunter2hunter2hunter2')",
        "openai = 'sk-hunter2hunter2hunter2hunter2'",
        "key = '-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----'",
    ],
)
def test_a_secret_is_masked(source: str) -> None:
    masked = mask_secrets(source)
    assert masked.found >= 1
    assert "hunter2" not in masked.text
    assert "ABCDEFGHIJKLMNOP" not in masked.text
    assert "***" in masked.text
    assert masked.text.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        "token = get_token()",
        "password = ''",
        "tokenizer = Tokenizer('bert')",
        "n_tokens = 5",
        "url = 'https://example.org/data.csv'",
        "X = df[['key', 'value']]",
        "keys = list(d)",
        "sort(key=lambda r: r['a'])",
        "x = 1  # the secret of it",
    ],
)
def test_what_is_no_secret_stays(source: str) -> None:
    assert mask_secrets(source) == mask_secrets(source).__class__(text=source, found=0)


def test_masking_twice_changes_nothing_and_keeps_python_python() -> None:
    source = "password = \"hunter2\"\nf(api_key='a', other='b')\n"
    once = mask_secrets(source)
    assert mask_secrets(once.text).text == once.text
    assert "other='b'" in once.text
    ast.parse(once.text)
