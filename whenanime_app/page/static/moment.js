// Asks the server for a second of an episode, or for the scene before or after it.

// Returns `{at, from, to, image, video, first, last}`; null when it cannot be had.
async function momentAt(episode, at, step = 0) {
  const asked = new URLSearchParams({episode, at, step});
  const answer = await fetch(`./page/moment?${asked}`).catch(() => null);
  return answer?.ok ? answer.json() : null;
}
