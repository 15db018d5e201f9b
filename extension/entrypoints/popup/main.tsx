import { render } from 'preact'
import { App } from './app'

const root = document.getElementById('app')
// Preact takes over the static shell in place, so the button that has the focus keeps it.
if (root) render(<App />, root)
