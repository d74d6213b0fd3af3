__pycache__/
.mypy_cache/
.pytest_cache/
.venv/
