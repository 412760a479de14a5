/** The one typed column that is set, as JSON. */
export const jsonValue = (of: string): string =>
  `coalesce(to_jsonb(${of}.number), to_jsonb(${of}.boolean), to_jsonb(${of}.text), ${of}.json)`;

/** A time as milliseconds since 1970, with what lies below a millisecond as a fraction. */
export const milliseconds = (of: string): string => `(extract(epoch from ${of}) * 1000)::float8`;
