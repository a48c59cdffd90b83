//! REST, health and pages.
//!
//! Owns the route table and the order of the layers. A handler has three parts: extractors, one call (of the store
//! or of a tenant's engine) and the conversion of what came back. If it needs an `if` about the domain, the rule
//! is in the wrong place. SQL is in `store`, errors become answers in `error`, authorisation is a type of
//! `principal`.

mod address;
mod agents;
mod asides;
mod auth;
mod bans;
mod chat_life;
mod chat_reports;
mod chat_values;
mod chats;
mod conditional;
mod contacts;
mod csv;
mod dispositions;
mod docs;
mod error;
mod events;
mod evidence;
mod extract;
mod figure_tables;
mod files;
mod greeting;
mod handover;
mod health;
mod history;
mod identity_secrets;
mod layers;
mod limit;
mod live;
mod me;
mod messages;
mod offices;
mod once;
mod origin;
mod page;
mod pages;
mod past;
mod patch;
mod pauses;
mod platform;
mod poll;
mod presence;
mod principal;
mod queue_log_in;
mod queues;
mod reply;
mod reports;
mod resource;
mod routing;
mod routing_rules;
mod serve;
mod sessions;
mod settings;
mod skills;
mod socket;
mod state;
mod statuses;
mod tags;
mod targeting_cache;
mod targeting_rules;
mod templates;
mod timeline;
mod transcripts;
mod versioned;
mod visitor;
mod widget;
mod widgets;

use axum::Router;
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use axum::middleware::from_fn_with_state;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::protocol::ErrorCode;

pub use address::ClientAddress;
pub use error::ApiError;
pub use health::Readiness;
pub use limit::{Exceeded, Limiter};
pub use origin::PageOrigin;
pub use principal::{AgentPrincipal, PlatformOperator, VisitorPrincipal};
pub use serve::{Bounds, serve};
pub use socket::Sockets;
pub use state::{AppState, Parts};
pub use targeting_cache::TargetingCache;
pub use widgets::new_widget_key;

/// What agents and admins call about themselves and each other.
fn for_agents() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(auth::log_in))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::log_out))
        .routes(routes!(me::find_me, me::change_me))
        .routes(routes!(presence::list_presences))
        .routes(routes!(presence::ping_by_email))
        .routes(routes!(
            presence::find_my_presence,
            presence::set_my_presence
        ))
        .routes(routes!(
            presence::set_my_override,
            presence::clear_my_override
        ))
        .routes(routes!(presence::start_my_pause, presence::end_my_pause))
        .routes(routes!(queue_log_in::log_in_to_my_queue))
        .routes(routes!(queue_log_in::log_out_of_my_queue))
        .routes(routes!(queue_log_in::log_in_to_queue))
        .routes(routes!(queue_log_in::log_out_of_queue))
        .routes(routes!(evidence::find_presence, presence::set_presence))
        .routes(routes!(timeline::find_timeline))
        .routes(routes!(presence::set_override, presence::clear_override))
        .routes(routes!(presence::start_pause, presence::end_pause))
        .routes(routes!(presence::ping))
        .routes(routes!(
            presence::set_office_presence,
            presence::clear_office_presence
        ))
        .routes(routes!(evidence::find_office_availability))
        .routes(routes!(reports::report_agents))
        .routes(routes!(reports::report_availability))
        .routes(routes!(chat_reports::report_chats))
        .routes(routes!(chat_reports::list_figure))
        .routes(routes!(chat_reports::report_queues))
        .routes(routes!(live::report_now))
        .routes(routes!(socket::open_agent_socket))
}

/// What agents call about chats and whom they are with.
fn for_chats() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(chats::list_chats))
        .routes(routes!(chats::count_inbox))
        .routes(routes!(chats::find_chat, chat_life::update_chat))
        .routes(routes!(chats::list_chat_events))
        .routes(routes!(transcripts::find_transcript))
        .routes(routes!(routing::find_chat_routing))
        .routes(routes!(routing::explain_routing))
        .routes(routes!(chats::accept_chat))
        .routes(routes!(chats::reject_offer))
        .routes(routes!(messages::send_message))
        .routes(routes!(messages::edit_message, messages::delete_message))
        .routes(routes!(messages::type_in_chat))
        .routes(routes!(handover::transfer_chat))
        .routes(routes!(handover::cancel_hand_over))
        .routes(routes!(handover::invite_to_chat))
        .routes(routes!(handover::ask_for_help))
        .routes(routes!(handover::listen_to_chat))
        .routes(routes!(handover::take_chat_over))
        .routes(routes!(handover::leave_chat))
        .routes(routes!(asides::list_notes, asides::write_note))
        .routes(routes!(asides::mark_chat_read))
        .routes(routes!(files::find_file))
        .routes(routes!(templates::render_template))
        .routes(routes!(contacts::list_contacts, contacts::create_contact))
        .routes(routes!(
            contacts::find_contact,
            contacts::change_contact,
            contacts::delete_contact
        ))
        .routes(routes!(contacts::list_contact_chats))
        .routes(routes!(history::list_conversation))
        .routes(routes!(chat_life::close_chat))
        .routes(routes!(chat_life::end_wrap_up))
        .routes(routes!(chat_life::find_rating))
}

/// What admins set up, and agents read.
fn for_admins() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(settings::find_settings, settings::change_settings))
        .routes(routes!(offices::list_offices, offices::create_office))
        .routes(routes!(
            offices::find_office,
            offices::change_office,
            offices::delete_office
        ))
        .routes(routes!(agents::list_agents, agents::create_agent))
        .routes(routes!(
            agents::find_agent,
            agents::change_agent,
            agents::delete_agent
        ))
        .routes(routes!(queues::list_queues, queues::create_queue))
        .routes(routes!(
            queues::find_queue,
            queues::change_queue,
            queues::delete_queue
        ))
        .routes(routes!(queues::set_queue_members))
        .routes(routes!(widgets::list_widgets, widgets::create_widget))
        .routes(routes!(
            widgets::find_widget,
            widgets::change_widget,
            widgets::delete_widget
        ))
        .routes(routes!(statuses::list_statuses, statuses::create_status))
        .routes(routes!(
            statuses::find_status,
            statuses::change_status,
            statuses::delete_status
        ))
        .routes(routes!(pauses::list_pauses, pauses::create_pause))
        .routes(routes!(
            pauses::find_pause,
            pauses::change_pause,
            pauses::delete_pause
        ))
        .routes(routes!(
            targeting_rules::list_targeting_rules,
            targeting_rules::create_targeting_rule
        ))
        .routes(routes!(
            targeting_rules::find_targeting_rule,
            targeting_rules::change_targeting_rule,
            targeting_rules::delete_targeting_rule
        ))
        .routes(routes!(
            templates::list_templates,
            templates::create_template
        ))
        .routes(routes!(
            templates::find_template,
            templates::change_template,
            templates::delete_template
        ))
        .routes(routes!(tags::list_tags, tags::create_tag))
        .routes(routes!(tags::find_tag, tags::change_tag, tags::delete_tag))
        .routes(routes!(
            identity_secrets::list_identity_secrets,
            identity_secrets::create_identity_secret
        ))
        .routes(routes!(
            identity_secrets::find_identity_secret,
            identity_secrets::delete_identity_secret
        ))
}

/// What admins set up of routing, and agents read.
fn for_routing() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            routing_rules::list_routing_rules,
            routing_rules::create_routing_rule
        ))
        .routes(routes!(
            routing_rules::find_routing_rule,
            routing_rules::change_routing_rule,
            routing_rules::delete_routing_rule
        ))
        .routes(routes!(bans::list_bans, bans::create_ban))
        .routes(routes!(bans::find_ban, bans::change_ban, bans::lift_ban))
        .routes(routes!(skills::list_skills, skills::create_skill))
        .routes(routes!(
            skills::find_skill,
            skills::change_skill,
            skills::delete_skill
        ))
        .routes(routes!(
            dispositions::list_dispositions,
            dispositions::create_disposition
        ))
        .routes(routes!(
            dispositions::find_disposition,
            dispositions::change_disposition,
            dispositions::delete_disposition
        ))
}

/// What widgets and visitors call.
fn for_visitors() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(widget::find_availability))
        .routes(routes!(widget::find_widget_config))
        .routes(routes!(widget::create_visitor))
        .routes(routes!(greeting::find_greeting))
        .routes(routes!(visitor::list_own_chats, visitor::start_chat))
        .routes(routes!(visitor::leave_message))
        .routes(routes!(visitor::find_own_chat))
        .routes(routes!(visitor::list_own_chat_events))
        .routes(routes!(transcripts::find_own_transcript))
        .routes(routes!(messages::send_own_message))
        .routes(routes!(
            messages::edit_own_message,
            messages::delete_own_message
        ))
        .routes(routes!(messages::type_in_own_chat))
        .routes(routes!(asides::mark_own_chat_read))
        .routes(routes!(visitor::end_own_chat))
        .routes(routes!(visitor::ask_by_email))
        .routes(routes!(files::find_own_file))
        .routes(routes!(files::open_file))
        .routes(routes!(history::list_own_history))
        .routes(routes!(
            chat_life::find_own_rating,
            chat_life::rate_own_chat
        ))
        .routes(routes!(socket::open_visitor_socket))
}

/// Uploads, which have bounds of their own.
fn agents_uploads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(files::upload_file))
}

/// The same for visitors, whose pages are those of other sites.
fn visitors_uploads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(files::upload_own_file))
}

/// What the platform operator calls; no browser does.
fn for_platform() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(platform::list_tenants, platform::create_tenant))
        .routes(routes!(platform::find_tenant))
}

/// What machines call that watch over this one.
fn for_machines() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// What agents, admins and the systems of a tenant call, but for uploads.
fn for_tenants() -> OpenApiRouter<AppState> {
    for_agents()
        .merge(for_chats())
        .merge(for_admins())
        .merge(for_routing())
}

fn everything() -> OpenApiRouter<AppState> {
    for_tenants()
        .merge(for_visitors())
        .merge(agents_uploads())
        .merge(visitors_uploads())
        .merge(for_platform())
        .merge(for_machines())
}

/// The document of the API.
#[must_use]
pub fn document() -> OpenApi {
    OpenApiRouter::with_openapi(docs::Base::openapi())
        .merge(everything())
        .into_openapi()
}

/// The routes without their document. The answer to a wrong method is set before the layer for other origins is, or
/// else it would take the place of that layer's answer to a preflight.
fn plain(routes: OpenApiRouter<AppState>) -> Router<AppState> {
    let (plain, _) = routes.split_for_parts();
    plain.method_not_allowed_fallback(async || method_not_allowed())
}

fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "the Allow header names the methods",
    )
}

/// All routes with all layers. The layers stand outermost first, as a request meets them. The one for other origins is
/// around all that answer by themselves: without its headers a page learns nothing of a 413 or a 503. Each group has one
/// stack, because every call of `layer` boxes the answers of its routes once more.
pub fn router(app: AppState) -> Router {
    let outer = tower::ServiceBuilder::new()
        .layer(SetSensitiveHeadersLayer::new([
            AUTHORIZATION,
            COOKIE,
            SET_COOKIE,
        ]))
        .layer(from_fn_with_state(app.clone(), layers::observe));
    let inner = tower::ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(app.clone(), layers::bound_time))
        .layer(from_fn_with_state(app.clone(), layers::bound_body));
    let inner_of_uploads = tower::ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(app.clone(), layers::bound_upload_time))
        .layer(from_fn_with_state(app.clone(), layers::bound_upload_body));
    let with_cors = |cors: CorsLayer| {
        tower::ServiceBuilder::new()
            .layer(outer.clone())
            .layer(cors)
    };
    let for_pages = layers::cors_for_agents(&app.config);
    let agents = plain(for_tenants()).layer(with_cors(for_pages.clone()).layer(inner.clone()));
    let agents_uploads =
        plain(agents_uploads()).layer(with_cors(for_pages).layer(inner_of_uploads.clone()));
    let for_widgets = layers::cors_for_widgets();
    let visitors = plain(for_visitors()).layer(with_cors(for_widgets.clone()).layer(inner.clone()));
    let visitors_uploads =
        plain(visitors_uploads()).layer(with_cors(for_widgets).layer(inner_of_uploads));
    Router::new()
        .merge(plain(for_platform()))
        .merge(plain(for_machines()))
        .merge(docs::routes(&document()))
        .merge(pages::routes())
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || method_not_allowed())
        .layer(outer.layer(inner))
        .merge(agents)
        .merge(visitors)
        .merge(agents_uploads)
        .merge(visitors_uploads)
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_routes_fit_together() {
        let (router, document) = OpenApiRouter::with_openapi(docs::Base::openapi())
            .merge(everything())
            .split_for_parts();

        let _: Router<AppState> = router.merge(docs::routes(&document)).merge(pages::routes());
    }

    #[test]
    fn what_may_be_left_out_is_not_said_to_be_required() {
        let document: serde_json::Value =
            serde_json::from_str(&document().to_json().unwrap()).unwrap();
        let required = |schema: &str| document["components"]["schemas"][schema]["required"].clone();

        assert_eq!(required("StartChat"), serde_json::Value::Null);
        assert_eq!(
            required("NewOfflineMessage"),
            serde_json::json!(["fields", "message"])
        );
        assert_eq!(
            required("CreateQueue"),
            serde_json::json!(["office_id", "name"])
        );
    }

    #[test]
    fn what_admins_change_has_a_tag_and_a_change_may_name_it() {
        let document: serde_json::Value =
            serde_json::from_str(&document().to_json().unwrap()).unwrap();
        let mut changes = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            // A message is its author's, who changes it whatever it has become, and whoever says something of a chat names
            // just that; neither has a version.
            let of_a_chat =
                path.ends_with("/messages/{message_id}") || path == "/v1/chats/{chat_id}";
            let Some(patch) = item.get("patch").filter(|_| !of_a_chat) else {
                continue;
            };
            changes += 1;
            for (method, operation) in item.as_object().unwrap() {
                let ok = &operation["responses"]["200"]["headers"]["ETag"];
                assert_eq!(ok.is_object(), method != "delete", "{method} {path}");
                let named = operation["parameters"].to_string().contains("If-Match");
                assert_eq!(named, method != "get", "{method} {path}");
                let stale = operation["responses"]["412"].is_object();
                assert_eq!(stale, method != "get", "{method} {path}");
            }
            let media_types = patch["requestBody"]["content"].as_object().unwrap();
            assert_eq!(media_types.len(), 2, "{path}");
            assert!(patch["responses"]["422"].is_object(), "{path}");
        }
        assert_eq!(changes, 16);
    }

    #[test]
    fn the_document_is_complete_in_itself() {
        let text = document().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();

        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} names two operations");
                assert!(operation["tags"].is_array(), "{method} {path} has no tag");
                assert!(
                    operation["responses"].as_object().unwrap().len() > 1 || path == "/healthz"
                );
            }
        }
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(
                document.pointer(pointer).is_some(),
                "{pointer} leads nowhere"
            );
        }
    }
}
