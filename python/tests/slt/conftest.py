def pytest_addoption(parser):
    parser.addoption("--slt-note-known", action="store_true", help="write `known` lines for the records that differ")
