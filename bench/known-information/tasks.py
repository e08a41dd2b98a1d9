"""Tasks of the BMI benchmark (Czyż et al., "Beyond Normal: On the Evaluation of Mutual Information Estimators", NeurIPS 2023)
with their true mutual information in nats, as `tasks.json`; and what its estimator of Kraskov et al. gives for points that
`laws.mjs` can make, too (`ksg` in that file).

python3 -m venv venv && venv/bin/pip install benchmark-mi==0.1.3 jax==0.4.30 jaxlib==0.4.30 && venv/bin/python bench/known-information/tasks.py
"""
import importlib.metadata
import json
from pathlib import Path

import numpy as np
from bmi.benchmark.tasks import additive_noise, bivariate_normal, multinormal, student
from bmi.benchmark.tasks.asinh import transform_asinh_task
from bmi.benchmark.tasks.half_cube import transform_half_cube_task
from bmi.benchmark.tasks.normal_cdf import transform_normal_cdf_task
from bmi.benchmark.tasks.spiral import transform_spiral_task
from bmi.estimators.ksg import KSGEnsembleFirstEstimatorSlow

transforms = {
    "uniform": transform_normal_cdf_task,
    "half-cube": transform_half_cube_task,
    "spiral": transform_spiral_task,
    "asinh": transform_asinh_task,
}


def base(law, d):
    if law["law"] == "pairs":
        if d == 1:
            return bivariate_normal.task_bivariate_normal(gaussian_correlation=law["rho"])
        task = multinormal.task_multinormal_2pair(d, d)
        covariance = task.sampler._covariance
        expected = np.eye(2 * d)
        for i in range(law["pairs"]):
            expected[i, d + i] = expected[d + i, i] = law["rho"]
        assert np.allclose(covariance, expected), covariance
        return task
    if law["law"] == "dense":
        return multinormal.task_multinormal_dense(d, d, off_diag=law["rho"])
    if law["law"] == "student":
        return student.task_student_identity(dim_x=d, dim_y=d, df=law["degrees"])
    return additive_noise.task_additive_noise(epsilon=law["width"])


def pairs(d):
    return {"law": "pairs", "rho": 0.75, "pairs": 1} if d == 1 else {"law": "pairs", "rho": 0.8, "pairs": 2}


wanted = [(1, pairs(1), None), (1, pairs(1), "uniform"), (1, pairs(1), "half-cube")]
wanted += [(1, {"law": "additive", "width": width}, None) for width in (0.1, 0.75)]
wanted += [(d, {"law": "dense", "rho": 0.5}, None) for d in (2, 3, 5, 25)]
wanted += [(d, pairs(d), None) for d in (2, 3, 5, 25)]
wanted += [(d, pairs(d), transform) for transform in ("uniform", "half-cube", "spiral") for d in (3, 5)]
for d, degrees in ((1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (5, 2)):
    wanted.append((d, {"law": "student", "degrees": degrees}, None))
wanted += [(1, {"law": "student", "degrees": 1}, "asinh"), (3, {"law": "student", "degrees": 2}, "asinh")]

tasks = []
for d, law, transform in wanted:
    task = base(law, d)
    if transform:
        task = transforms[transform](task)
    tasks.append({"id": task.id, "dimension": d, **law, "transform": transform, "information": float(task.mutual_information)})


def waves(n, d, share):
    """The points of `waves` in `laws.mjs`."""
    i, c = np.arange(n)[:, None], np.arange(d)[None, :]
    x = np.sin(0.37 * i * i + 1.7 * c)
    return x, share * x + np.cos(0.23 * i * i + 0.61 * i * (c + 1))


ksg = []
for n, d, share, k in ((60, 1, 0.5, 3), (80, 2, 1.0, 4), (50, 3, 3.0, 1)):
    x, y = waves(n, d, share)
    estimator = KSGEnsembleFirstEstimatorSlow(neighborhoods=(k,), standardize=True, metric_x="euclidean")
    ksg.append({"n": n, "dimension": d, "share": share, "k": k, "information": float(estimator.estimate(x, y))})

source = f"benchmark-mi {importlib.metadata.version('benchmark-mi')}"
text = json.dumps({"source": source, "tasks": tasks, "ksg": ksg}, indent=2)
(Path(__file__).parent / "tasks.json").write_text(text + "\n")
