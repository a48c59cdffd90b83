// The agent page: makes the controller and shows the login or the desk.

import { render } from "preact";
import { useStore } from "../shared/hooks";
import "./agent.css";
import { Desk } from "./desk";
import { DeskPage } from "./desk-page";
import { LoginPage } from "./login-page";

const desk = new Desk();

function Page() {
  const state = useStore(desk.store);
  switch (state.page) {
    case "starting":
      return <p class="starting">One moment…</p>;
    case "login":
      return <LoginPage desk={desk} reason={state.login_reason} />;
    case "desk":
      return <DeskPage desk={desk} state={state} />;
  }
}

render(<Page />, document.getElementById("page")!);
void desk.start();
