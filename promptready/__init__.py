"""The trial backend of PromptReady: credits, cohorts, a weekly budget, and the model behind them."""
