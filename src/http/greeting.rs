//! Greetings (AVAIL-6): a widget asks whether its visitor is to be offered one.
//!
//! Public like the poll. The answer tells a rule's text and id, and no more of it than that it fits.

use axum::Json as Body;
use axum::extract::State;

use super::address::{ClientAddress, ClientCountry};
use super::docs::{BadBody, Failures, Missing};
use super::extract::Json;
use super::origin::PageOrigin;
use super::widget::OnBoard;
use super::{ApiError, AppState};
use crate::domain::{Mode, OfficeId, matching, next_match_s};
use crate::protocol::request::AskGreeting;
use crate::protocol::wire::{Greeting, GreetingAnswer};
use crate::realtime::Ready;

/// Says whether the visitor is to be greeted, and how. Asked by a widget that is live and closed.
#[utoipa::path(
    post, path = "/v1/widget/{key}/greeting", operation_id = "find_greeting", tag = "widget",
    params(("key" = String, Path)),
    request_body = AskGreeting,
    responses(
        (status = 200, description = "The greeting, if there is one", body = GreetingAnswer),
        (status = 403, description = "`origin_not_allowed`", body = super::docs::ProblemBody,
            content_type = "application/problem+json"),
        Missing, BadBody, Failures
    )
)]
pub(super) async fn find_greeting(
    State(app): State<AppState>,
    address: ClientAddress,
    country: ClientCountry,
    OnBoard(entry): OnBoard,
    origin: PageOrigin,
    Json(request): Json<AskGreeting>,
) -> Result<Body<GreetingAnswer>, ApiError> {
    origin.check(&entry.widget)?;
    app.limiter.greeting(address.key())?;
    let live = live_offices(&entry.ready());
    if live.is_empty() {
        return Ok(Body(GreetingAnswer {
            greeting: None,
            retry_after_s: None,
        }));
    }
    let rules = app.targeting.rules(entry.tenant_id).await?;
    let visit = request.into_visit(entry.widget.id, live, country.0);
    let greeting = matching(&rules, &visit).map(|rule| Greeting {
        rule_id: rule.id.0,
        text: rule.greeting.clone(),
    });
    let retry_after_s = match greeting {
        Some(_) => None,
        None => next_match_s(&rules, &visit),
    };
    Ok(Body(GreetingAnswer {
        greeting,
        retry_after_s,
    }))
}

/// The offices of a widget at which somebody is effectively online.
fn live_offices(ready: &Ready) -> Vec<OfficeId> {
    let live = |mode: Mode| mode == Mode::Live;
    let offices = ready
        .offices
        .iter()
        .filter(|office| live(office.shown.mode));
    offices.map(|office| office.shown.office_id).collect()
}
