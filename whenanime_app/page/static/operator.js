// Who may change what the page shows: the key is entered once, and exchanged for a cookie.

// Returns the section of the status view; empty where nobody can become the operator.
function makeOperator() {
  const section = make("section", {"aria-label": text("operatorTitle")});
  const draw = ({operator, has_key, has_session}) => {
    section.replaceChildren(...(operator || has_key ? [
      make("h3.wa-heading", {}, text("operatorTitle")),
      make("p.wa-quiet", {}, text(operator ? "operatorYes" : "operatorText")),
      operator ? (has_session ? makeSignOut(send) : null) : makeSignIn(send),
    ].filter(Boolean) : []));
  };
  const send = async (method, body) => {
    const answer = await fetch("./api/v1/operator", {
      method, headers: {"Content-Type": "application/json"}, body: body && JSON.stringify(body),
    }).catch(() => null);
    if (answer?.ok) draw(await answer.json());
    return Boolean(answer?.ok);
  };
  fetch("./api/v1/operator").then(async (answer) => answer.ok && draw(await answer.json()))
    .catch(() => {});
  return section;
}

function makeSignIn(send) {
  const field = make("input", {
    type: "password", autocomplete: "current-password", required: "",
    "aria-label": text("operatorKey"), placeholder: text("operatorKey"),
  });
  const wrong = make("p.wa-not-saved", {role: "alert"});
  return make("form.wa-operator", {
    onsubmit: async (event) => {
      event.preventDefault();
      if (!await send("POST", {key: field.value})) wrong.textContent = text("operatorWrong");
    },
  }, field, make("button.wa-action", {type: "submit"}, text("operatorEnter")), wrong);
}

function makeSignOut(send) {
  return make("p.wa-operator", {}, make("button.wa-action", {
    type: "button", onclick: () => send("DELETE"),
  }, text("operatorLeave")));
}
