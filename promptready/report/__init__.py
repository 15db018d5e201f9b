"""
Which arm is better, and how sure that is: the experiment's report, from the events the app writes.

`python -m promptready.report EVENTS` prints it; docs/experiment.md says how it is reckoned. It needs
`requirements-report.txt`, which the app does not.
"""
