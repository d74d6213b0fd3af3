"""What a plugin process would be without a zygote: an interpreter that imports all by itself.

Usage: ``python -I -S -B cold_worker.py SOURCE``. Prints ``ready`` and waits for the end of stdin.
"""

import gc
import sys

sys.path.append(sys.argv[1])

from yesman.worker import preload

preload.everything()
gc.collect()
print("ready", flush=True)
sys.stdin.read()
