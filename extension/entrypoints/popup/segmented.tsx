/** Two or three choices side by side. Native radio buttons underneath, so arrow keys, names and form semantics are the browser's. */
import type { JSX } from 'preact'

interface Choice<Value extends string> {
  value: Value
  label: string
}

interface Props<Value extends string> {
  name: string
  legend: string
  value: Value
  choices: readonly Choice<Value>[]
  onChoose: (value: Value) => void
}

export function Segmented<Value extends string>({ name, legend, value, choices, onChoose }: Props<Value>): JSX.Element {
  return (
    <fieldset class="segmented">
      <legend class="unseen">{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </fieldset>
  )
}
