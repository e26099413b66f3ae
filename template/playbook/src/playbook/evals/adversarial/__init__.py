"""The adversarial suite: attacks and look-alikes, sent to the whole service over HTTP.

The attacks themselves are the service's, in `evals/adversarial/`. Nothing here stops an attack: the
guards do, in the chassis, and they are not tuned on these files.
"""
