// The API, one function for each thing it can do. A failure is an Error whose message can be shown.

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error('The server cannot be reached.');
  }
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.status === 204 ? null : response.json();
}

export const dueCards = async () => (await ask('GET', 'cards/due/')).results;
export const today = async () => (await ask('GET', 'days/?limit=1')).results[0] ?? null;
export const addCard = (question, answer) => ask('POST', 'cards/', { question, answer });
export const reviewCard = (id, remembered) => ask('POST', `cards/${id}/review/`, { remembered });
