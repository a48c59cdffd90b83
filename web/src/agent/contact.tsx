// A contact in words.

import type { Contact } from "../shared/protocol";

export function contactName(contact: Contact): string {
  return contact.name ?? contact.email ?? "A visitor";
}

export function FieldList({ contact }: { contact: Contact }) {
  const given = Object.entries(contact.fields ?? {}).filter(
    ([name]) => name !== "name" && name !== "email",
  );
  const rows: [string, string][] = contact.email === null ? [] : [["Email", contact.email]];
  rows.push(...given.map(([name, value]): [string, string] => [fieldLabel(name), value]));
  if (rows.length === 0) return null;
  return (
    <dl class="fields">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function fieldLabel(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
