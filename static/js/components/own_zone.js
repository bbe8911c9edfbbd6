/** The time zone of whoever makes an account, so that the server's own words have their times too. */
export default function mount(field) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
