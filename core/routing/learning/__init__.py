"""What is learnt from examples: topics, products, anger. It computes with numpy, so only the child imports it.

With one thread: on a machine of two cores more make it slower, some of it sixty times.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when numpy and the encoders are loaded
