// What moves between two scenarios: how much, how much of it had to, and from where to
// where.
#ifndef KEYWAY_SIM_COMMAND_MOVES_TABLE_H_
#define KEYWAY_SIM_COMMAND_MOVES_TABLE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "sim/command/measure.h"
#include "sim/engine/experiment.h"
#include "sim/report/report.h"

namespace keyway::sim {

// One measure of what is elsewhere than in the base scenario.
struct Moves {
  const Measure* measure = nullptr;
  double sum = 0;    // of everything
  double moved = 0;  // of it
  bool estimate = false;
  double needed = 0;     // as any scheme must move that keeps to the fair shares
  double avoidable = 0;  // the rest of what moved
  // Of what moved, from a server to another that both stay at their weights; 0 without a
  // matrix.
  double between_unchanged = 0;

  double MovedShare() const { return sum > 0 ? moved / sum : 0; }
  double AvoidableShare() const { return sum > 0 ? avoidable / sum : 0; }
};

// Of one scenario against the base. What it is made of outlives it.
class MovesView {
 public:
  MovesView(const Experiment& experiment, const Tally& tally, size_t scenario);

  // Of each measure there is something of.
  const std::vector<Moves>& all() const { return all_; }
  // As MainLoad.
  const Moves* Main(std::string_view id = "") const;
  // The part of all keys that has to move.
  double needed_share() const { return needed_share_; }
  const ScenarioTally& tally() const { return tally_.scenarios[scenario_]; }
  const ScenarioTally& base() const { return tally_.scenarios.front(); }

  Table SummaryTable() const;
  // The table of moves from server to server, and its picture. Needs the matrix.
  void AddMatrix(Report& report) const;

 private:
  double BetweenUnchanged(const Measure& measure) const;

  const Experiment& experiment_;
  const Tally& tally_;
  const size_t scenario_;
  double needed_share_ = 0;
  std::vector<Moves> all_;
};

// Facts: what the moves cost where the servers are caches.
void AddMissFacts(const MovesView& moves, Report& report);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_MOVES_TABLE_H_
