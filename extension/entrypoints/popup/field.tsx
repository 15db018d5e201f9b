/** A label and its control in one row; on a narrow screen one above the other. */
import type { ComponentChildren, JSX } from 'preact'
import { Icon } from './icons'

export function Row({
  label,
  name,
  children,
}: {
  label: string
  name: string
  children: ComponentChildren
}): JSX.Element {
  return (
    <div class="row">
      <label for={name}>{label}</label>
      {children}
    </div>
  )
}

interface SelectProps<Value extends string> {
  label: string
  name: string
  value: Value
  options: readonly (readonly [value: Value, label: string])[]
  onChoose: (value: Value) => void
}

export function SelectRow<Value extends string>({
  label,
  name,
  value,
  options,
  onChoose,
}: SelectProps<Value>): JSX.Element {
  return (
    <Row label={label} name={name}>
      <span class="select-box">
        <select
          id={name}
          class="select"
          value={value}
          onChange={(event) => {
            const chosen = options[event.currentTarget.selectedIndex]
            if (chosen) onChoose(chosen[0])
          }}
        >
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </Row>
  )
}
