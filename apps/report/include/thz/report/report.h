#pragma once

#include <string>
#include <utility>
#include <vector>

#include "thz/core/image.h"
#include "thz/eval/evaluation_result.h"

namespace thz::report {

/// A table of names and values, in the order given (instrument, scene, data set, machine, ...).
struct KeyValueSection {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
};

/// How grey is shown.
enum class ColourMap {
  kGrey,     ///< visible pictures
  kInferno,  ///< images of the imager; perceptually uniform, dark is weak
};

/// One picture of a grid; an empty image leaves the cell empty.
struct GridCell {
  ImageF image;  ///< grey in [0, 1], row 0 at the top
  ColourMap colours = ColourMap::kInferno;
  std::string alt;      ///< for those who cannot see it; made from the labels when empty
  std::string caption;  ///< a line below the picture; may be empty
};

/// Pictures in rows and columns with labels, scale bar and colour scale.
struct ImageGrid {
  std::string title;
  std::string note;  ///< what is to be seen, under the title
  std::vector<std::string> column_labels;
  std::vector<std::string> row_labels;
  std::vector<std::vector<GridCell>> cells;  ///< [row][column]
  double width_m = 0.0;      ///< width of the scene that an image spans; 0: no scale bar, no axes
  std::string colour_label;  ///< of the colour scale; empty: none
};

/// One line of the training history. Values that were not measured are NaN.
struct HistoryRow {
  double epoch = 0.0;
  std::vector<double> values;
};

/// Curves of one training run.
struct TrainingHistory {
  std::vector<std::string> columns;  ///< [V] names of HistoryRow::values
  std::vector<std::string> groups;  ///< [V] columns of one group share a plot, e.g. "loss", "score"
  std::vector<HistoryRow> rows;
  double best_epoch = -1.0;  ///< of the checkpoint that was evaluated; negative: unknown
};

/// One row of the concealed / reconstruction / truth layout.
struct ReconstructionRow {
  std::string kind;   ///< "best", "median", "worst"; "sample": for the layout of all runs
  std::string label;  ///< who and how, e.g. "identity 7, front-left"
  ImageF input;
  ImageF reconstruction;
  ImageF truth;
  double ssim = 0.0;
  double psnr_db = 0.0;
  int input_row = -1;  ///< of the data set; samples of several runs are matched by both rows
  int target_row = -1;
};

/// A pair that the network judges badly.
struct HardPairRow {
  bool genuine = false;  ///< one person, far apart; else two persons, close together
  std::string label;     ///< who and how
  ImageF probe;          ///< concealed
  ImageF gallery;        ///< unconcealed
  double distance = 0.0;
};

/// A trained and evaluated network.
struct ReportRun {
  std::string name;
  eval::EvaluationResult result;
  TrainingHistory history;                         ///< may be empty
  std::vector<ReconstructionRow> reconstructions;  ///< may be empty
  std::vector<HardPairRow> hard_pairs;             ///< may be empty
};

/// A part that the page cannot have, and why: one list of them stands on it.
struct MissingPart {
  std::string what;  ///< "sample pictures"
  std::string why;   ///< "the data set is not at /data/faces any more"
};

/// All that stands on the page. Empty parts are left out, headings and all.
struct ReportInput {
  std::string title;
  std::string subtitle;
  /// One paragraph; empty: written from the first run's headline figures.
  std::string summary;
  std::vector<KeyValueSection> sections;
  std::vector<ImageGrid> grids;
  std::vector<ReportRun> runs;          ///< the first is the headline
  std::vector<std::string> commands;    ///< to reproduce, in order
  double reconstruction_width_m = 0.0;  ///< as ImageGrid::width_m, for the reconstruction rows
  std::string band;                     ///< of what is imaged: "340 GHz"; empty: not known
  /// What whoever gathered the input could not find. What the evaluations lack (tasks that were not
  /// trained, other splits) is added to it on the page.
  std::vector<MissingPart> not_shown;
};

/// The page as text: self-contained HTML5 (styles, SVG plots and PNG pictures inline; no scripts,
/// no outside references), for light and dark screens and for paper. Plots are drawn by the program
/// gnuplot (5.x, on PATH; Debian's gnuplot-nox is enough).
/// @throws thz::InputError if there is no run, gnuplot is missing or fails, or an image is
/// malformed.
std::string render_report(const ReportInput& input);

/// render_report() to a file, written under a temporary name in the same folder, then renamed; then
/// its figures for use elsewhere into the folder NAME-figures beside it (page NAME.html): plots and
/// confusion matrices as SVG, pictures as PNG, in light colours.
/// @throws thz::InputError as render_report(), or if the folder cannot be written to.
void write_report(const ReportInput& input, const std::string& html_path);

}  // namespace thz::report
