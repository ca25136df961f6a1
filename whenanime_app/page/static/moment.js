// Fetches the scene at a second of an episode, or the one before or after it.

// Returns `{at, from, to, image, video, first, last}`; null on an error.
async function fetchMoment(episode, at, step = 0) {
  const parameters = new URLSearchParams({episode, at, step});
  const answer = await fetch(`./page/moment?${parameters}`).catch(() => null);
  return answer?.ok ? answer.json() : null;
}
