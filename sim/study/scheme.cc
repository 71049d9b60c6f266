#include "sim/study/scheme.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "hashing/anchor.h"
#include "hashing/bounded.h"
#include "hashing/ketama.h"
#include "hashing/variants.h"
#include "sim/study/slot_table.h"

namespace keyway::sim {
namespace {

using hashing::Distribution;
using hashing::Member;
using SchemeOr = absl::StatusOr<std::unique_ptr<Scheme>>;
using DistributionOr = absl::StatusOr<std::unique_ptr<Distribution>>;

std::vector<Member> MembersOf(const Fleet& fleet) {
  std::vector<Member> members;
  for (const uint32_t server : fleet.Present()) members.push_back(fleet.servers[server]);
  return members;
}

// What needs to know only who is there.
class FromDistribution : public Scheme {
 public:
  FromDistribution(std::unique_ptr<Distribution> distribution, std::vector<uint32_t> present)
      : distribution_(std::move(distribution)), present_(std::move(present)) {}

  void Place(std::span<const uint64_t> hashes, std::span<uint32_t> servers) const override {
    for (size_t i = 0; i < hashes.size(); ++i) {
      servers[i] = present_[distribution_->Pick(hashes[i])];
    }
  }

  bool Shares(std::span<double> shares) const override {
    std::vector<double> of_members(present_.size());
    if (!distribution_->Shares(of_members)) return false;
    std::ranges::fill(shares, 0);
    for (size_t i = 0; i < present_.size(); ++i) shares[present_[i]] = of_members[i];
    return true;
  }

 private:
  const std::unique_ptr<Distribution> distribution_;
  const std::vector<uint32_t> present_;
};

SchemeOr Wrap(DistributionOr distribution, const Fleet& fleet) {
  if (!distribution.ok()) return distribution.status();
  return std::make_unique<FromDistribution>(*std::move(distribution), fleet.Present());
}

SchemeOr MakeByName(std::string_view name, const Fleet& fleet, uint32_t) {
  return Wrap(hashing::FindDistribution(name)->make(MembersOf(fleet)), fleet);
}

template <DistributionOr (*Make)(std::span<const Member>, uint32_t)>
SchemeOr MakeVariant(std::string_view, const Fleet& fleet, uint32_t parameter) {
  return Wrap(Make(MembersOf(fleet), parameter), fleet);
}

class BoundedLoadsScheme : public Scheme {
 public:
  BoundedLoadsScheme(std::vector<Member> members, std::vector<uint32_t> present, uint32_t percent)
      : members_(std::move(members)), present_(std::move(present)), percent_(percent) {}

  void Place(std::span<const uint64_t> hashes, std::span<uint32_t> servers) const override {
    auto loads = hashing::BoundedLoads::Make(members_, percent_, hashes.size());
    for (size_t i = 0; i < hashes.size(); ++i) servers[i] = present_[loads->Assign(hashes[i])];
  }

  bool Shares(std::span<double>) const override { return false; }

 private:
  const std::vector<Member> members_;
  const std::vector<uint32_t> present_;
  const uint32_t percent_;
};

SchemeOr MakeBoundedLoads(std::string_view, const Fleet& fleet, uint32_t percent) {
  const std::vector<Member> members = MembersOf(fleet);
  const auto tried = hashing::BoundedLoads::Make(members, percent);
  if (!tried.ok()) return tried.status();
  return std::make_unique<BoundedLoadsScheme>(members, fleet.Present(), percent);
}

// The state that the distribution of the same name lacks: who left, and in which order.
class AnchorScheme : public Scheme {
 public:
  AnchorScheme(const Fleet& fleet, uint32_t capacity) : buckets_(capacity, fleet.at_first) {
    for (const uint32_t server : fleet.left) buckets_.Remove(server);
    const auto joined = static_cast<uint32_t>(fleet.servers.size()) - fleet.at_first;
    for (uint32_t count = 0; fleet.joined && count < joined; ++count) buckets_.Add();
  }

  void Place(std::span<const uint64_t> hashes, std::span<uint32_t> servers) const override {
    std::ranges::transform(hashes, servers.begin(),
                           [this](uint64_t hash) { return buckets_.BucketOf(hash); });
  }

  bool Shares(std::span<double>) const override { return false; }

 private:
  hashing::AnchorHash buckets_;
};

SchemeOr MakeAnchor(std::string_view, const Fleet& fleet, uint32_t capacity) {
  const bool equal = std::ranges::all_of(fleet.servers, [&](const Member& server) {
    return server.weight == fleet.servers.front().weight;
  });
  if (!equal || fleet.servers.size() > capacity || (fleet.joined && !fleet.left.empty())) {
    return absl::InvalidArgumentError(
        "anchor: takes servers of one weight, not more than its capacity, that join or leave");
  }
  return std::make_unique<AnchorScheme>(fleet, capacity);
}

class SlotScheme : public Scheme {
 public:
  explicit SlotScheme(SlotTable table) : table_(std::move(table)) {}

  void Place(std::span<const uint64_t> hashes, std::span<uint32_t> servers) const override {
    const std::span<const uint32_t> slots = table_.servers();
    std::ranges::transform(hashes, servers.begin(),
                           [slots](uint64_t hash) { return slots[hash % slots.size()]; });
  }

  bool Shares(std::span<double> shares) const override {
    std::ranges::fill(shares, 0);
    const double part = 1 / static_cast<double>(table_.servers().size());
    for (const uint32_t server : table_.servers()) shares[server] += part;
    return true;
  }

 private:
  const SlotTable table_;
};

SchemeOr MakeSlots(std::string_view, const Fleet& fleet, uint32_t slots) {
  const Fleet before = {.servers = fleet.servers, .at_first = fleet.at_first};
  absl::StatusOr<SlotTable> table = SlotTable::Make(slots, before.Weights());
  if (!table.ok()) return table.status();
  if (absl::Status status = table->Reshard(fleet.Weights()); !status.ok()) return status;
  return std::make_unique<SlotScheme>(*std::move(table));
}

constexpr uint32_t Same(uint32_t parameter) { return parameter; }
constexpr uint32_t RingPoints(uint32_t points, uint32_t) { return points; }
uint32_t KetamaPoints(uint32_t, uint32_t servers) {
  return hashing::KetamaPoints(1, servers, servers);
}

constexpr SchemeKind kSchemes[] = {
    {.name = "ring",
     .help = "Karger's ring, with as many points per server",
     .parameter = "points",
     .usual = 160,
     .make = MakeVariant<hashing::MakeKarger>,
     .points = RingPoints},
    {.name = "ketama",
     .help = "twemproxy's ring of 160 points per server, sometimes 156",
     .make = MakeByName,
     .points = KetamaPoints},
    {.name = "modula", .help = "the hash value modulo the servers", .make = MakeByName},
    {.name = "random", .help = "every request anew", .make = MakeByName},
    {.name = "jump", .help = "Lamping and Veach's jump hash", .make = MakeByName},
    {.name = "maglev",
     .help = "Maglev's table, with as many entries, a prime number",
     .parameter = "entries",
     .usual = 65537,
     .make = MakeVariant<hashing::MakeMaglev>},
    {.name = "rendezvous", .help = "the highest draw of all servers", .make = MakeByName},
    {.name = "multi_probe",
     .help = "one point per server and as many probes per key",
     .parameter = "probes",
     .usual = 21,
     .make = MakeVariant<hashing::MakeMultiProbe>},
    {.name = "anchor",
     .help = "AnchorHash, with as many buckets for servers to come",
     .parameter = "capacity",
     .usual = 4096,
     .make = MakeAnchor},
    {.name = "bounded",
     .help = "the proxy's bounded ring: servers own at most so many percent of their part",
     .parameter = "percent",
     .usual = 105,
     .make = MakeVariant<hashing::MakeBounded>,
     .bounds = "ketama"},
    {.name = "bounded_loads",
     .help = "bounded loads on ketama's ring, key by key: at most so many percent",
     .parameter = "percent",
     .usual = 125,
     .make = MakeBoundedLoads,
     .bounds = "ketama"},
    {.name = "slots",
     .help = "slots dealt out evenly, as Redis Cluster (16384) and Codis (1024) do",
     .parameter = "slots",
     .usual = 16384,
     .make = MakeSlots,
     .cells = Same},
};

}  // namespace

std::vector<uint32_t> Fleet::Present() const {
  std::vector<uint32_t> present;
  const auto count = joined ? static_cast<uint32_t>(servers.size()) : at_first;
  for (uint32_t server = 0; server < count; ++server) {
    if (std::ranges::find(left, server) == left.end()) present.push_back(server);
  }
  return present;
}

std::vector<uint32_t> Fleet::Weights() const {
  std::vector<uint32_t> weights(servers.size());
  for (const uint32_t server : Present()) weights[server] = servers[server].weight;
  return weights;
}

const SchemeKind* FindScheme(std::string_view name) {
  const auto found = std::ranges::find(kSchemes, name, &SchemeKind::name);
  return found == std::end(kSchemes) ? nullptr : found;
}

std::span<const SchemeKind> AllSchemes() { return kSchemes; }

}  // namespace keyway::sim
