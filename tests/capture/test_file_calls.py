"""Files that calls read and write: a cell that may have written what a later one reads is never dropped."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests

FIRST = (
    "import glob, os, shutil, pathlib, tarfile, zipfile\nimport numpy as np\nimport pandas as pd\nimport polars as pl\n"
    "import pyarrow.parquet as pq\nimport xgboost as xgb\nfrom helper import prepare\n"
    "df = pd.DataFrame()\nframe = pl.DataFrame()\nmodel = xgb.XGBRegressor()\nfrom pathlib import Path"
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("pq.write_table(1, 'a.parquet')", "pd.read_parquet('a.parquet')"),
        ("frame.lazy().sink_parquet('a.parquet')", "pl.read_parquet('a.parquet')"),
        ("frame.write_ndjson('a.ndjson')", "pl.read_ndjson('a.ndjson')"),
        ("df.to_orc('a.orc')", "pd.read_orc('a.orc')"),
        ("df.to_string('a.txt')", "open('a.txt').read()"),
        ("a = np.lib.format.open_memmap('a.npy', mode='w+')", "np.load('a.npy')"),
        ("a = np.load('a.npy', mmap_mode='r+')\na[0] = 3", "np.load('a.npy')"),
        ("model.save_model('a.json')", "other = xgb.XGBRegressor()\nother.load_model('a.json')"),
        ("Path('a.csv').rename('b.csv')", "pd.read_csv('b.csv')"),
        ("df.to_csv('out/raw/a.csv')", "os.listdir('out/raw')"),
        ("df.to_csv('out/a.csv')", "list(Path('out').glob('*.csv'))"),
        ("df.to_csv('out/a.csv')", "glob.glob('out/*.csv')"),
        ("shutil.move('best', 'final')", "open('final/a.txt')"),
        ("shutil.copytree('d', 'e')", "open('e/a.txt')"),
        ("zipfile.ZipFile('a.zip').extractall('o')", "open('o/a.txt')"),
        ("tarfile.open('a.tar').extractall('o')", "open('o/a.txt')"),
        ("prepare()", "pd.read_csv('prepared.csv')"),
        ("open('o/w.txt', 'w').write('9')", "prepare('o')"),
    ],
)
def test_who_may_have_written_a_file_is_kept_by_who_reads_it(written: str, read: str) -> None:
    assert 2 in rests(FIRST, written, f"x = {read}" if "\n" not in read else read)


@pytest.mark.parametrize("written", ["df.to_string()", "df.to_csv('a.csv')", "t = df.a.str.extract('(x)')"])
def test_who_writes_no_file_or_another_one_is_dropped(written: str) -> None:
    assert 2 not in rests(FIRST, written, "x = open('b.csv').read()")
