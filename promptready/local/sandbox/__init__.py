"""
The sandbox provider: an OpenAI-compatible server that costs nothing and misbehaves on request.

It really cleans the page it is given (`tidy`), counts tokens and money exactly (`bill`), and fails in the
ways providers fail when the model's name asks for it (`model`), which makes it both the model of a bare clone
and the witness against which the weekly budget is checked.
"""
