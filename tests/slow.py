"""The modules of tests that take long, by measurement: `make test-fast` leaves them out."""

SLOW = frozenset(
    f"test_{name}"
    for name in """
    benchmarks browser building check claims_compared claims_studies cli cli_terminal complete
    divergence doctests examples exit_status explain lesson_pages new_project numbers_lines
    ownership printed_lines pure_pages python_interface save_experiment save_trace schedules seeds
    serve site snapshot_pages snapshot_trace state studies trace_install trace_site trace_terminal
    truth untrusted_templates untrusted_text words written experiment_fuzz fonts numbers_runs
    """.split()
)
