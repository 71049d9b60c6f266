#include "tools/keywayctl/verbs.h"

#include <google/protobuf/util/json_util.h>

#include <chrono>

#include "tools/keywayctl/text.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;
using Proxy = v1::Admin::Stub;

// The proxy itself gives up before that.
constexpr std::chrono::seconds kPatience{10};

template <class Request, class Response>
using Method = grpc::Status (Proxy::*)(grpc::ClientContext*, const Request&, Response*);

template <class Request, class Response>
grpc::Status Call(Proxy& proxy, Method<Request, Response> method, const Request& request,
                  Response& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  return (proxy.*method)(&context, request, &response);
}

// proto3's JSON, with the names of admin.proto and nothing left out for being zero.
std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

grpc::Status GetState(Proxy& proxy, const Arguments& arguments, v1::State& state) {
  v1::GetStateRequest request;
  request.set_pool(arguments.pool);
  return Call(proxy, &Proxy::GetState, request, state);
}

grpc::Status State(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::State state;
  grpc::Status status = GetState(proxy, arguments, state);
  text = arguments.json ? Json(state) : StateText(state);
  return status;
}

grpc::Status Names(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::State state;
  grpc::Status status = GetState(proxy, arguments, state);
  text = arguments.json ? Json(state) : NamesText(state, !arguments.pool.empty());
  return status;
}

grpc::Status Route(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::RouteRequest request;
  request.set_pool(arguments.pool);
  request.set_key(arguments.words[1]);
  v1::RouteResponse route;
  grpc::Status status = Call(proxy, &Proxy::Route, request, route);
  text = arguments.json ? Json(route) : RouteText(route);
  return status;
}

grpc::Status Eject(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::EjectRequest request;
  request.set_pool(arguments.words[1]);
  request.set_server(arguments.words[2]);
  request.set_even_last(arguments.force);
  v1::OrderResponse response;
  grpc::Status status = Call(proxy, &Proxy::Eject, request, response);
  text = arguments.json ? Json(response) : EjectedText(request.pool(), response);
  return status;
}

grpc::Status Restore(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::RestoreRequest request;
  request.set_pool(arguments.words[1]);
  request.set_server(arguments.words[2]);
  v1::OrderResponse response;
  grpc::Status status = Call(proxy, &Proxy::Restore, request, response);
  text = arguments.json ? Json(response) : RestoredText(request.pool(), response);
  return status;
}

grpc::Status LogLevel(Proxy& proxy, const Arguments& arguments, std::string& text) {
  v1::LogLevel level;
  grpc::Status status;
  if (arguments.words.size() == 1) {
    status = Call(proxy, &Proxy::GetLogLevel, v1::GetLogLevelRequest(), level);
  } else {
    v1::SetLogLevelRequest request;
    request.set_level(arguments.words[1]);
    status = Call(proxy, &Proxy::SetLogLevel, request, level);
  }
  text = arguments.json ? Json(level) : LogLevelText(level);
  return status;
}

constexpr Verb kVerbs[] = {
    {"state", "", "the process, its pools and servers", 0, 0, State},
    {"names", "", "the pools, or with --pool its servers, a name a line", 0, 0, Names},
    {"route", "KEY", "which server has the key, and why", 1, 1, Route},
    {"eject", "POOL SERVER", "take the server out until it is restored", 2, 2, Eject},
    {"restore", "POOL SERVER", "end that", 2, 2, Restore},
    {"log-level", "[LEVEL]", "how much is logged, or how much to log from now on", 0, 1, LogLevel},
};

}  // namespace

std::span<const Verb> AllVerbs() { return kVerbs; }

}  // namespace keyway
