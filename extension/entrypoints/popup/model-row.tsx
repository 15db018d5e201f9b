/** The model: from the provider's own list once it is known, by hand where there is none. */
import type { JSX } from 'preact'
import { Row, SelectRow } from './field'

interface Props {
  models: readonly string[]
  model: string
  onModel: (model: string) => void
}

export function ModelRow({ models, model, onModel }: Props): JSX.Element {
  if (models.length === 0) {
    return (
      <Row label="Model" name="model">
        <input
          id="model"
          class="input"
          data-mono
          spellcheck={false}
          placeholder="the test loads the list"
          value={model}
          onInput={(event) => onModel(event.currentTarget.value.trim())}
        />
      </Row>
    )
  }
  const offered = model === '' || models.includes(model) ? models : [model, ...models]
  return (
    <SelectRow
      label="Model"
      name="model"
      value={model}
      options={offered.map((offer) => [offer, offer] as const)}
      onChoose={onModel}
    />
  )
}
