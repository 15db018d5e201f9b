/** Hand a text to the user as a file, without a permission: a link to a blob, pressed once. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own reference once it started; a minute is ample.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
