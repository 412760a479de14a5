/** Pages that a person sees. They load nothing and run no script. */

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin: 1rem 0; } input, select, button { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }
.error { color: #b00020; }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;

export const loginPage = (options: { tenant: string; request: string; client: string; wrong?: boolean }): string =>
  page(
    `Sign in to ${options.tenant}`,
    `<p>${escaped(options.client)} asks for access.</p>
${options.wrong ? '<p class="error" role="alert">User name or password is wrong.</p>' : ''}
<form method="post" action="/account/login">
<input type="hidden" name="request" value="${escaped(options.request)}">
<label>User name <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
</form>`,
  );

/** Asks for the tenant and comes back to where it was shown. */
export const tenantPage = (tenants: readonly string[], query: Readonly<Record<string, string>>): string =>
  page(
    'Choose a tenant',
    `<form method="get" action="/connect/authorize">
${Object.entries(query)
  .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  .join('\n')}
<label>Tenant <select name="acr_values">
${tenants.map((tenant) => `<option value="tenant:${escaped(tenant)}">${escaped(tenant)}</option>`).join('\n')}
</select></label>
<button type="submit">Go on</button>
</form>`,
  );

export const errorPage = (error: string, description: string): string =>
  page('Sorry', `<p class="error" role="alert"><code>${escaped(error)}</code> ${escaped(description)}</p>`);

export const playgroundPage = (tenant: string): string =>
  page(
    `GraphQL playground of ${tenant}`,
    `<form id="ask"><label>Access token <input name="token" autocomplete="off"></label>
<label>Query <textarea name="query" rows="12" style="width:100%">{ __typename }</textarea></label>
<button type="submit">Run</button></form><pre id="answer"></pre>
<script>
document.getElementById('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const response = await fetch('../graphql', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + form.get('token'), 'content-type': 'application/json' },
    body: JSON.stringify({ query: form.get('query') }),
  });
  document.getElementById('answer').textContent = response.status + '\\n' + (await response.text());
});
</script>`,
  );

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
