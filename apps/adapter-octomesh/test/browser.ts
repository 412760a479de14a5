/** What a browser does with a log-in page, without one: follows redirects and sends the form as a person would fill it. */
export async function signIn(
  url: string,
  person: { username: string; password: string },
): Promise<{ code: string | null; state: string | null; error: string | null }> {
  const page = await follow(url);
  const html = await page.text();
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1] ?? '';
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  const fields = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, value]));
  for (const [name, value] of Object.entries(person)) fields.set(name, value);
  const answer = await fetch(new URL(action, page.url), { method: 'POST', body: fields, redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? 'about:blank');
  const { searchParams } = back;
  return { code: searchParams.get('code'), state: searchParams.get('state'), error: searchParams.get('error') };
}

async function follow(url: string): Promise<Response> {
  const answer = await fetch(url, { redirect: 'follow' });
  if (!answer.ok) throw new Error(`the log-in page answered ${answer.status}`);
  return answer;
}
