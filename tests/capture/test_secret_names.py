"""Secrets that are told by the name they have, and what only has such a name."""

from __future__ import annotations

import ast
import re

import pytest

from jupyter_mlops.capture.secret_names import says_secret
from jupyter_mlops.capture.secrets import is_secret, mask_secrets, mask_shown

FORMS = [
    "!cmd --token S --password S --secret S",
    "!A_TOKEN=S B_TOKEN=S cmd",
    "!docker run -e API_TOKEN=S image",
    "!cmd \\\n  --token S",
    '!tool --token "a b S"',
    "x = !cmd --token S",
    "x = %system cmd --token S",
    "%sx cmd --token S",
    "%run s.py --token S",
    "%env MY_TOKEN S",
    "%%bash\nexport API_TOKEN=S\ncurl --api-key=S",
    "%%track a\n%%bash\nexport API_TOKEN=S",
    "%%writefile .env\nTOKEN=S",
    'os.system("x --password S")',
    'subprocess.run(["x", "--token", "S"])',
    "get_ipython().run_line_magic('run', 's.py --token S')",
    'password = ("S")',
    'api_key = SecretStr("S")',
    'api_key: str = pydantic.SecretStr("S")',
    'token = ("S"\n  "S")',
    'token = "abc" "S"',
    'token = "abc" + "S"',
    'token = "abc" \\\n  "S"',
    '(password := "S")',
    'password = f"S{x}"',
    'if password == "S": pass',
    'password = "S\\\nS"',
    'account_key = "S"',
    'auth_key = "S"',
    'secret_key = "S"',
    'password1 = "S"',
    'token2 = "S"',
    'apiKeyProd = "S"',
    'api_keys = "S"',
    'new_token = "S"',
    'backend_token = "S"',
    'connect("host=h password=S dbname=d")',
    'c = "Server=h;Pwd=S;"',
    'c = "AccountName=a;AccountKey=S;End=1"',
    'u = "https://h/p?token=S"',
    "no connection to host=h password=S dbname=d",
    '+conn = "host=h password=S dbname=d"',
]


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_told_in_every_form_in_which_it_is_written(form):
    source = re.sub(r"\bS\b", "Zx9q", form)
    masked = mask_secrets(source)
    assert "Zx9q" not in masked.text
    assert masked.text.count("\n") == source.count("\n")
    assert mask_secrets(masked.text).text == masked.text
    if not source.startswith(("!", "%", "x = ", "no ", "+")):
        ast.parse(masked.text)


@pytest.mark.parametrize(
    "source",
    [
        'token_pattern = r"(?u)x+"',
        'password_policy = "strict"',
        'tokenize(pad_token="<pad>", eos_token="</s>", mask_token="[MASK]")',
        'token_level = "word"',
        'tokenType = "a"',
        'df = df.rename(columns={"text": "b", "token": "word"})',
        'access_key_column = "k"',
        "!python train.py --max_tokens 100 --pad_token x",
        "!echo token is cool",
        "!cmd --token $TOKEN && cmd --token {token}",
        "!pip install detect-secrets==1.4 pytest-token==2",
        "!docker login --password-stdin registry",
        "!python x.py model.token_dim=5 train.max_tokens=100",
        "%time model = f(token=tok)",
        "%env TOKENIZERS_PARALLELISM=false",
        'token = os.getenv("HF_TOKEN")',
        'password = getpass("Password: ")',
        'tokens = word_tokenize("the text")',
        'if token == "the": pass',
        "connect(user=u, password=pw)",
        "f(token=None, password=None)",
        "f(\n    token=tok\n)",
        "lambda token=tok: 1",
        'conn = f"host={h} password={pw}"',
        'password = f"{a}-{b}"',
        'parser.add_argument("--token", type=str)',
        'os.system("x --token " + tok + " --y")',
        "# pass --token to log in",
        'error: invalid token "abc"',
    ],
)
def test_what_only_speaks_of_secrets_stays(source):
    assert mask_secrets(source).text == source


@pytest.mark.parametrize(
    "name",
    ["api_keys", "passwords", "tokens", "password1", "token2", "apiKeyProd", "account_key", "auth_key"],
)
def test_a_parameter_is_told_by_a_plural_a_number_and_further_keys_too(name):
    assert is_secret(name, "x")
    assert says_secret(name)[0]


@pytest.mark.parametrize("name", ["max_tokens", "max_new_tokens", "n_tokens", "special_tokens", "eos_tokens"])
def test_counts_and_marks_are_none_in_the_plural_either(name):
    assert not is_secret(name, "12")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("env: MY_API_TOKEN=Zx9\nok", "env: MY_API_TOKEN=***\nok"),
        ('declare -x DB_PASSWORD="Zx9"', 'declare -x DB_PASSWORD="***"'),
        ("{'password': 'Zx9', 'rows': 1}", "{'password': '***', 'rows': 1}"),
        ('{"api_key": "Zx9"}', '{"api_key": "***"}'),
        ("Server=h;Password=Zx9;x", "Server=h;Password=***;x"),
        ("http://localhost:8888/?token=Zx9abc", "http://localhost:8888/?token=***"),
    ],
)
def test_what_is_shown_is_masked_by_names_that_say_enough(text, kept):
    assert mask_shown(text).text == kept


@pytest.mark.parametrize(
    "text",
    [
        "env: TOKENIZERS_PARALLELISM=false",
        "MAX_TOKENS=100",
        "{'token': 'word', 'score': 0.9, 'token_str': 'paris'}",
        "{'eos_token': '</s>'}",
        "token=5 and a password: it is required",
    ],
)
def test_what_a_model_of_language_shows_stays(text):
    assert mask_shown(text).text == text


UNITS = [
    "token=",
    "--token a ",
    "!x --token a\n",
    "token='a' ",
    "token=('a' ",
    "token=" + "a" * 30 + ".",
    "token='{a}{b}{c}",
    "rename({'token':'a' ",
    "?token_type=",
    "?token=$",
    "token=$--token $",
    "%env token=$",
    "api_key",
    "password=a b=c ",
    "%a\\\n",
    "\u0130token=a ",  # a letter that becomes two in small letters
]


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_that_means_no_good_costs_what_its_length_says(unit):
    """The suite's own time is the guard."""
    text = "!token %env x; ?token=a\n" + unit * (300_000 // len(unit))
    for mask in (mask_secrets, mask_shown):
        assert mask(text).text
